"""Compensation: a delayed customer is given what fits, once, within what the shop meant to spend (promise 6).

Promises: a promise is made good once per level, and a longer delay adds the difference only; budget and caps are never
exceeded; a voucher is redeemed once. A duplicate, a late event or a crash grants nothing twice and loses nothing. What
is given never touches what the law gives: nothing here can end an order, or a right to end it (promise 7).

- ``compensation_issuer``: hears of delays and grants by the shop's policy, and of orders that took vouchers
  (`following`: one that came to nothing frees them, `VoucherFreed`); publishes `RemedyGranted`,
  `DeliveryFeeGiven`, which delivery owes from then on, `RemedyCallWanted`, by which delivery opens a call, and
  `BudgetEnded`, and mails the voucher.
- ``compensation_viewer``: the page behind the link to an order: its customer sees what was granted, and chooses where
  the policy lets them; publishes `RemedyChosen` and mails the voucher. The issuer ends what nobody chose in time, once
  an hour, and tells what a crash left untold.
- ``compensation_api``: the policy, what was granted for an order and why not more, and vouchers at the checkout
  (`redeeming`); publishes `VoucherRedeemed` and `VoucherRevoked`. Who guesses codes waits (`guessing`).
  All vouchers of an order take off no more than it comes to; a checkout that is left gives its voucher back.

`rehearsals` says what a policy would have cost for late orders of the past, in pages of the issuer's queue:
`seen_model` is what granting saw of them, `replaying` decides them once more on paper.

`policy_model` says what a policy gives for a case, `reading` makes one from the shop's document, `model` what was
granted of an order and why not, `voucher_model` what may become of a voucher, `movement_model` what that
moves in the accounts, `codes` how its code is written, `csv_text` how texts are for whoever opens them in a sheet.
`validity_model` says until when a code lasts, `choice_model` what may become of a choice, `choosing` and `revoking`
end it.
`order_repository` reads what the customer ordered, from delivery's table, because no event says who that is.
`grace` lets delays wait that may be over soon. `refusing` says why nothing more is granted.
`granting` decides and writes in one transaction, then tells, then writes that it was told. `gathering_model`
makes one mail of what is granted of an order within minutes. `kept_remedies` is how an order's remedies are kept.
"""
