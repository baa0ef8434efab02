"""The vendor's index of pages, `llms.txt`: which models there are, and what became of those that we know."""
