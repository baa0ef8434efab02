"""Is the contract kept: by the document, by the generated client, and by the API behind it?"""
