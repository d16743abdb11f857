# SPDX-License-Identifier: LGPL-2.1-or-later
# fish completion for uring-jail(1): the program itself says what may follow.

function __uring_jail_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l answer ($words[1] --complete -- $words[2..-1] "$word" 2>/dev/null)
    set -l kind (string split --max 1 ' ' -- $answer[1])
    switch $kind[1]
        case words
            printf '%s\n' $answer[2..-1]
        case files folders
            set -l path (string sub --start (math (string length -- "$kind[2]") + 1) -- "$word")
            set -l found
            if test $kind[1] = folders
                set found (__fish_complete_directories "$path" '')
            else
                set found (__fish_complete_path "$path")
            end
            for candidate in $found
                printf '%s%s\n' "$kind[2]" $candidate
            end
        case command
            set words $words "$word"
            complete -C (string join ' ' -- (string escape -- $words[(math $kind[2] + 2)..-2]) "$word")
    end
end

complete -c uring-jail -f -a '(__uring_jail_complete)'
