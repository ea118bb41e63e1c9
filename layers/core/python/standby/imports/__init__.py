"""Imports: files of other systems, read line by line (design §5.1, §5.2).

A kernel beside the ledger: it knows how files are put down, read and reported, and not what they say. What a *kind* of
file says, a feature brings as a plug (`kinds`): how its lines are read, compared in a dry run, and sent on.

Promises: no line is lost in silence, each is in what was sent or in the report with its number and why not; memory is
bounded whatever the size of a file and the order of its lines; a pass that died sends the same again.

- ``imports_reader``: files in a bucket, by a saved mapping, into what their kind makes of them; dry runs.
- The routes below ``/v1/imports`` (`routes`) are served by ``stock_api``, since stock has files from the first day.

- `model`: how a file is laid out, what a cell says. `csv_file`: records in constant memory. `passes`: one pass.
- `reading`: a file from S3's event to its report. `service`: mappings, uploads and reports, as people ask for them.
- `repository`: mappings and reports, in the ledger's table. `inbox`: the bucket.
"""
