"""The command line: a module for each command and for the files that commands read."""
