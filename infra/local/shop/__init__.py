"""A shop to buy from, on an origin of its own, beside the local AWS: what a real shop has to do to use Standby.

The goods, their stock and the stores are data (`goods`); the pictures are drawn by this project (`drawings`). The
pages (`pages/`, `static/`) are whole without JavaScript. Standby's elements, loaded by one script tag from the API's
origin, keep them true while one looks at them. What needs the shop's key, this server asks for (`standby`, `checkout`).
``/panel`` plays the ERP: it puts stock, orders and delays on Standby's queues.
"""
