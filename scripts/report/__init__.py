"""`python -m scripts.report`: what the last runs found, by promise, as a page, a summary, JSON and JUnit XML."""
