if [ -n "$BASH" ] && [ -r ~/.bashrc ]; then . ~/.bashrc; fi
