"""Downloads: pictures that are whole, or no file; from nowhere that a result has no business with."""
