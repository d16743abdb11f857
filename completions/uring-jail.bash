# SPDX-License-Identifier: LGPL-2.1-or-later
# bash completion for uring-jail(1): the program itself says what may follow.

_uring_jail()
{
	local words=() starts=() rest=$COMP_LINE blanks kind argument word settled i

	# bash splits words at '=', ':' and '@' too: put together what has no blank between.
	for ((i = 0; i <= COMP_CWORD; i++)); do
		blanks=${rest%%[![:space:]]*}
		rest=${rest#"$blanks"}
		rest=${rest#"${COMP_WORDS[i]}"}
		if ((i)) && [[ ! $blanks && ($rest || ${COMP_WORDS[i]}) ]]; then
			words[${#words[@]} - 1]+=${COMP_WORDS[i]}
		else
			words+=("${COMP_WORDS[i]}")
			starts+=("$i")
		fi
	done
	word=${words[-1]}
	# What it takes is what follows the last of them, and "=" alone counts as nothing yet.
	settled=$word
	[[ ${COMP_WORDS[COMP_CWORD]} == [=:] ]] || settled=${word%"${COMP_WORDS[COMP_CWORD]}"}
	settled=${settled%@} # which splits words, but is taken with what follows

	COMPREPLY=()
	while IFS=$'\t' read -r argument _; do
		if [[ ! $kind ]]; then
			kind=${argument%% *}
			argument=${argument#"$kind"}
			argument=${argument# }
			case $kind in
			command) _uring_jail_command "${starts[argument + 1]}" ;;
			files) _uring_jail_paths -f "$argument" ;;
			folders) _uring_jail_paths -d "$argument" ;;
			esac
			continue
		fi
		[[ $argument != *[=,] ]] || compopt -o nospace
		COMPREPLY+=("${argument#"$settled"}")
	done < <("${words[0]/#\~/$HOME}" --complete -- "${words[@]:1}" 2>/dev/null)
}

# _uring_jail_paths -f|-d PREFIX: the caller's $word is PREFIX and the beginning of a path.
_uring_jail_paths()
{
	local path

	compopt -o filenames
	while IFS= read -r path; do
		COMPREPLY+=("${2#"$settled"}$path")
	done < <(compgen "$1" -- "${word#"$2"}")
}

# The wrapped program's own completion, if bash-completion is there.
_uring_jail_command()
{
	if declare -F _comp_command_offset >/dev/null; then
		_comp_command_offset "$1"
	elif declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	elif (($1 == COMP_CWORD)); then
		mapfile -t COMPREPLY < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}")
	else
		_uring_jail_paths -f ''
	fi
}

complete -F _uring_jail uring-jail
