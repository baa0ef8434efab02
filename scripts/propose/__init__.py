"""`python -m scripts.docs propose`: drift of the vendor's pages as a branch, and the text of a pull request."""
