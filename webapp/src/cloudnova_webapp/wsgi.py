"""The WSGI application that gunicorn serves."""

import gc

from cloudnova_webapp.app import create_app
from cloudnova_webapp.settings import load

app = create_app(load())
# What is loaded by now lives as long as the process. Frozen, the collector never writes to its pages, and the workers
# go on sharing them with the master.
gc.collect()
gc.freeze()
