"""Codes and parameters put into words, in the reader's language."""
