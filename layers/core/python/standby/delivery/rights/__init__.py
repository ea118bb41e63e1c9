"""What the law of a market gives to a customer whose order is late: leads for a shop's lawyer, not legal advice.

``markets`` holds the rules as data, a file a market, each rule with its source and its certainty. `repository` reads
them and finds the market of a country; `model` answers what they mean for one shipment. What is open, or of low
certainty, is a shop's setting with a careful default; what is certain is nobody's setting.
"""
