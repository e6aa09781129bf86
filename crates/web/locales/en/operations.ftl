# Overview, incidents, findings.

open-incidents = Open incidents
nothing-wrong = Nothing is wrong.
overview-empty = No sites are registered yet. What sells, what is silent and what it costs will stand here.
overview-empty-do = Import the fleet
heard-from = Heard from { $n } of { $m } sites
turnover-now = Turnover now
turnover-unknown = Known once sales with values have come in.
expected-is = expected { $a }
explains = explains { $a } of the failing; { $b } of those with it fail
not-sold-unknown = not known yet
not-sold-not-heard = not heard from: unknown
activity-back = activity is back
not-taken = not taken
sites-now = Sites now
map-label = Map of Sweden with the sites by state. The list of sites says the same in words.
map-zoom-in = Closer
map-zoom-out = Farther
findings-empty = Nothing deviates. When activity stops or falls, it stands here with its explanation.
findings-none-here = Nothing deviates here.
reports-empty = No reports the last 24 hours. Staff report from the page behind the QR code at the till.
over-since = over { $a }
chart-actual = Actual
chart-expected = Expected
chart-band = Expected range
chart-missing = Not heard
chart-failed = The chart could not be loaded. The table has the same numbers.
chart-label = Turnover per hour, actual against expected. The same stands in the table.
as-table = As a table
hour = Hour
devices-hit = Devices hit
past-incidents = Past incidents
no-open-incident = No open incident.
incidents-empty = Nothing yet. Findings that belong together open one incident, which stays here when it is over.
lasted = Lasted
not-sold-total = Not sold in all
so-far = { $a } so far
next = Next
take-command = Take command
take-command-hint = You become incident commander. Everyone sees it at once.
set-phase = To: { $a }
reason = Reason
change-severity = Change severity
no-command-role = A commander acts here. You can read along.
what-we-know = What we know
known-nothing = No finding yet. Add what you know as a note.
affected-turnover = The affected: actual against expected
affected-sites = Affected sites
export-csv = Export CSV
timeline = Timeline
write-note = Write a note
save-note = Save note
tl-opened = Incident opened, { $a }
tl-found = Finding: { $a }
tl-ended = { $a } is over
tl-reports = { $n ->
     [one] { $n } report attached
    *[other] { $n } reports attached
 }
tl-severity = Severity { $a }: { $b }
tl-phase = Phase: { $a }
tl-command = { $a } took command
who-erased = erased person
explanation = Explanation
no-common-factor = No common factor among those known
same-as = cannot be told apart from: { $a }
coverage = Coverage
coverage-is = { $a } of the failing have this
purity = Purity
purity-is = { $a } of those that have this are failing
runner-up = Runner-up
behind-by = { $a } behind in evidence
no-runner-up = none near
n-candidates = { $n ->
     [one] { $n } candidate examined
    *[other] { $n } candidates examined
 }
contact = Contact
contact-heard = heard from: they do not sell
contact-undecided = not selling or not heard: not decided yet
contact-lost = not heard from: sales unknown
contact-counts-only = judged by sales alone
counted = Counted
counted-is = { $a } transactions where { $b } were expected
counted-until = until { $a }
finding-open = going on
finding-closed = over
to-incident = To the incident
interval-90 = between { $a } and { $b } with 90 % certainty
why-said = Why Samband says so
why-group = Watched as: { $a }, with { $b } expected transactions an hour.
why-evidence = Evidence
why-evidence-is = { $a }, needed { $b }
why-evidence-what = How much better a stop explains the counts than chance does (log-likelihood ratio, nats).
how-counted = How it is counted
turnover-why = The newest measured minutes of all sites together, as a rate per hour. Expected is what the same hour of the week usually brings, learned from what came in before. What is expected where nobody is heard is named beside it and hatched in the chart: it is neither sold nor lost, but unknown.
why-remaining = Remaining activity
why-remaining-is = { $a } of expected fits best
why-false = False alarm
why-false-is = by chance once in { $a } of watching
why-delay = Delay
why-delay-is = found { $a } s after the start; the best possible rule needs at most { $b } s at this rate of false alarms
why-late = Late data
why-late-is = { $a } transactions came in afterwards
revisions = Revisions
phase-without-reason = No reason given.
tl-by-consequence = as its consequence is now
tl-detached = { $a } does not belong here:
text-erased = (erased)
unit-transactions = transactions/h
at-most = at most { $a }
interval-short = { $a }, 90 %
came-later-share = of the expected came later
came-later-of-it = { $a } came later
came-later = activity went on: { $a } of { $b } expected transactions came later
not-heard-meanwhile = not heard meanwhile: unknown
shut-nothing-due = No turnover is expected now.
shut-when-open = Shut now; about { $a } when open.
shut-at-most-when-open = Shut now; at most { $a } when open.
first-opens = The first of them opens { $a }.
lasted-for = lasted { $a }
unheard-part = Of which { $a } expected at { $n ->
     [one] one site
    *[other] { $n } sites
 } not heard
chart-unheard = Expected where not heard
chart-later = Hatched: not heard then. Of it, { $a } of { $b } expected transactions came later.
contact-devices = { $n ->
     [one] { $n } device is not heard
    *[other] { $n } devices are not heard
 }
why-cost = How the cost comes about
why-cost-expected = from what is hit: what the same hour of the week usually brings.
why-cost-unheard = nothing is heard, so nothing is counted
why-cost-span = from { $a } to { $b }
why-cost-interval = Days, shops and chance stray by so much.
why-cost-sites = All of these shops
why-cost-sites-are = { $a } where { $b } are expected
why-cost-moved = About { $a } has moved to what still works in these shops.
