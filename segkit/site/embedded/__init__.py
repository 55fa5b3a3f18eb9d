"""Renders the report's pages without Quarto, from parts that pip installs.

``parse`` reads the sources, ``execute`` runs their cells, ``body`` makes each page's text, ``markup`` finishes and
inspects it, ``chrome`` puts the site around it, ``search`` indexes it, ``links`` checks it; ``build`` joins them.
"""
