"""``make rehearse``: what a policy would have cost for past orders, before it is set."""
