# git: clones, fetches and commits in the working folder, by https and git, not by ssh
#
# Start it at the top of the work tree: what lies above the working folder is not there. Hooks,
# filters and configuration of a repository run programs, so nothing that would be worth stealing
# is shown: no keys, no ssh agent, no stored passwords. Push by ssh from outside. And what a hostile
# repository has left in .git runs outside too, if git is used there.

include client.inc

# Names, addresses and aliases. Passwords in them (http.extraHeader, url.*.insteadOf) are seen.
whitelist-ro -${HOME}/.gitconfig
whitelist-ro -${HOME}/.config/git
blacklist ${HOME}/.config/git/credentials
private-etc gitconfig

include git.local
