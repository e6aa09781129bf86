# The words of the field, one spelling everywhere.

severity = Severity
severity-sev1 = everybody, now
severity-sev2 = major
severity-sev3 = someone looks today
severity-sev4 = for the record
phase = Phase
phase-triage = triage
phase-active = active
phase-recovering = recovering
phase-resolved = resolved
phase-reviewed = reviewed
phase-closed = closed
state = State
state-silent = not selling
state-unheard = not heard from
state-below = below expected
state-selling = selling
state-shut = shut
state-never = never heard
role = Role
role-viewer = viewer
role-responder = responder
role-commander = commander
role-admin = administrator
metric-sales = sales
kind-silence = No { $a }
kind-unheard = Devices not heard
kind-drop = Fewer { $a } than expected
kind-surge = More { $a } than expected
kind-contact-lost = No contact
kind-co-failure = Down in the same moment
kind-punctual = Down at the same time of day
kind-outlier = Far worse than its like
kind-missed = Expected, but did not come
kind-stall = Standing still
kind-quarantine = File in quarantine
kind-flood = Many reports
kind-drift = Registered and observed differ
kind-regression = Rollout does harm
kind-brake-broken = Changed under the handbrake
kind-novelty = Log line never seen before
kind-limit = Near its limit
subject-silence = { $a } do not sell
subject-drop = { $a } sell less than expected
subject-surge = { $a } sell more than expected
subject-other = { $a }: { $b }
headline-where = { $a } where { $b }
headline-site = { $a } at { $b }
headline-unexplained = { $a }, no common factor known
because-detected = first said
because-explanation = explanation sharpened
because-contact = contact decided
because-extent = extent changed
because-backlog = late data: activity went on
because-recovered = activity is back
because-heard = contact is back
because-explained-away = explained by another finding
because-settled = has stayed so for a week: expected from now on
symptom-self-scanning = Self-scanning
symptom-tills = Tills
symptom-cards = Card payment
symptom-network = Network or phone
symptom-prices = Prices or campaigns
symptom-other = Something else
site = Site
sites = Sites
device = Device
devices = Devices
region = Region
customer = Customer
token = Token
finding = Finding
findings = Findings
reports = Reports
commander = Commander
you = you
now = Now
expected = Expected
heard = Heard
unknown = unknown
name = Name
not-sold = not sold
began = Began
what = What
n-sites = { $n ->
     [one] { $n } site
    *[other] { $n } sites
 }
n-more-incidents = { $n ->
     [one] { $n } more incident, minor
    *[other] { $n } more incidents, minor
 }
n-devices = { $n ->
     [one] { $n } device
    *[other] { $n } devices
 }
n-more = { $n ->
     [one] { $n } more
    *[other] { $n } more
 }
n-hours = { $n ->
     [one] { $n } hour
    *[other] { $n } hours
 }
n-days = { $n ->
     [one] { $n } day
    *[other] { $n } days
 }
n-years = { $n ->
     [one] { $n } year
    *[other] { $n } years
 }
n-unregistered = { $n } unregistered
state-unsure = not heard or not selling
state-partly = partly
kind-undecided = Not selling or not heard
report = Report
