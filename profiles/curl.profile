# curl: fetches from the network into the working folder
#
# ~/.curlrc and ~/.netrc may hold passwords and are not there; show them where they are wanted:
# "whitelist-ro ${HOME}/.curlrc" in ~/.config/uring-jail/curl.local.

include client.inc

memory-deny-write-execute

include curl.local
