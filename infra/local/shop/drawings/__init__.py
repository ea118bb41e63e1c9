"""The pictures of the demo shop's goods, drawn by this project: one SVG for each product and colour.

`easel` has the light, the shadow and the paints; each other module draws the goods of one part of the shop.
``python -m infra.local.shop.drawings`` draws them all anew into ``pictures/``; a test compares.
"""
