"""The notes in the database."""

from django.db import models


class Note(models.Model):
    """A note."""

    text = models.CharField(max_length=500)
    created = models.DateTimeField(auto_now_add=True)
