"""The HTTP library. The client imports it in this one place, where its successor can take its place."""

import httpx as httpx
