"""The browser's face: pages, commands, live updates, accounts. The only part of the house that knows Django.

Nothing here is imported before a server starts; :func:`fabrika.faces.web.settings.configure` makes the settings in code.
"""
