"""What Annals costs, beside the same work done without it and with other libraries.

`make bench` takes a few minutes, `make bench FULL=1` about an hour; bench/README.md tells the rest.

**What a ratio means.** Every figure is compared with the same work in the same run on the same
machine: one save with recording beside one save of bare Django, one page beside a bare page for
somebody signed in. All contenders run in turn, round after round (A B C, B C A, ...), so that a
slow minute of the machine slows all of them; in each round a contender's figure is divided by that
of the baseline, and the median of these ratios is what is reported, with the quartiles.

**What is counted.** The time that processors worked, not the time that passed: of the process that
does the work, and of the PostgreSQL backends of its database. Time passed is reported too, but on
a machine that does other things it says little.

**Limits.** A ratio says nothing about a machine: see the absolute figures, and the machine they
are of, beside it. Not counted is what PostgreSQL does in the background (writing back, vacuum,
replication), nor a network between application and database, as all is on one machine. What takes
little time in itself, such as a bare save, makes ratios look large: an extra 0.3 ms is a ratio of 2
here, and nobody sees it on a page that takes 10 ms. The libraries do different things; what each
one records, and what it does not, stands in the table of what was tried, and in its module in
bench/contenders.
"""
