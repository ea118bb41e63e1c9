"""Imports: files of other systems, read line by line (design §5.1, §5.2).

A kernel beside the ledger: it knows how files are uploaded, read and reported. It does not know what they say. A
feature brings a plug for each *kind* of file of its own (`kinds`), which reads the lines, compares them in a dry run
and sends them on.

Promises: each line is sent on, or stands in the report with its number and the reason why not; memory is bounded
whatever the size of a file and the order of its lines; a repeated pass sends the same messages again.

- ``imports_reader``: files in a bucket, by a saved mapping, into what their kind makes of them; dry runs.
- ``stock_api`` serves the routes below ``/v1/imports`` (`routes`), because stock was the first feature with files.

- `model`: how a file is laid out, what a cell says. `csv_file`: records in constant memory. `passes`: one pass.
- `packed`: gzip, zip and workbooks, by their first bytes. `workbook`: the rows of a workbook, which `sheet` reads in a
  process of its own; `sheet_xml` and `sheet_records` say of its cells what its library does not.
- `reading`: a file from S3's event to its report. `service`: mappings, uploads and reports, as people ask for them.
- `repository`: mappings and reports, in the ledger's table. `inbox`: the bucket.
"""
