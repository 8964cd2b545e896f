"""The web pages and the JSON interface of Hansou.

`create_app(config)` is a WSGI application, `serve(config)` runs it. Only names of
`indexer.__all__` are used here.
"""

from webapp.app import create_app
from webapp.server import serve

__all__ = ["create_app", "serve"]
