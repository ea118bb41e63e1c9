"""Absences: what complete files of a feed no longer name (issue 10), with the brake of full counts.

A mapping of product files may say that its files are complete (``"complete": true``). Whoever reads such a file finds
the products that earlier files of the mapping brought and this one does not name. They lose their SKUs, as a variant
does that its product no longer has: nobody is told that they do not come back, and a file that names them again brings
them back. Products that came by messages belong to no feed.

The way of an absence: ``reading`` → ``applying``, or over the brake ``waiting_for_approval`` → ``applying`` →
``applied``; a newer file's supersedes one that waits. Of a file that failed or was replaced before it was read, it ends
``failed`` or ``replaced``; one that failed goes on where its message is redriven.

A product that a complete file names loses the SKUs that it does not name by the file's own word about it. Where over
20 % of the SKUs of such products would go, or lines could not be read, these words wait with the absence
(``products_held``) and are sent once somebody approves; all other words of the file count at once.

1. `imports_reader` says that it is going to read a file (`feeds.absent`), and waits as long as the index of what a feed
   brought may lag. Then it reads, lists what is absent, and lets it be decided.
2. `catalog_ingester` decides, and takes the absent products one by one as words of the time of the file (`service`). So
   any newer word wins, in whatever order they come.
3. A word of an older file that comes only now asks for newer files: it is absent at once where one counts, and is
   remembered where that is not decided yet.

- `model`: the words and rules. `repository`: the items. `routes`: what an operator asks and decides.
"""
