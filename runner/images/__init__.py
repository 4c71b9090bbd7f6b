"""Recipes of the images that the Docker sandbox runs commands in, and how one is made."""
