"""A made-up catalogue of models, as large as the vendor's: `python -m scripts.catalogue --help`."""
