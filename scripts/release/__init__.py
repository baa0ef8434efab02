"""A release: what is built, what is checked of it, and what has to be done before it."""
