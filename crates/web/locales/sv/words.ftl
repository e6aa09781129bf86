# The words of the field, one spelling everywhere.

severity = Allvarlighetsgrad
severity-sev1 = alla, nu
severity-sev2 = allvarlig
severity-sev3 = någon tittar i dag
severity-sev4 = för kännedom
phase = Skede
phase-triage = bedömning
phase-active = pågår
phase-recovering = återhämtning
phase-resolved = löst
phase-reviewed = utvärderad
phase-closed = avslutad
state = Läge
state-silent = säljer inte
state-unheard = hörs inte
state-below = under väntat
state-selling = säljer
state-shut = stängt
state-never = aldrig hörd
role = Roll
role-viewer = läsare
role-responder = handläggare
role-commander = incidentledare
role-admin = administratör
metric-sales = försäljning
kind-silence = Ingen { $a }
kind-unheard = Enheter hörs inte
kind-drop = Mindre { $a } än väntat
kind-surge = Mer { $a } än väntat
kind-contact-lost = Ingen kontakt
kind-co-failure = Nere i samma ögonblick
kind-punctual = Nere vid samma tid på dygnet
kind-outlier = Mycket sämre än sina likar
kind-missed = Väntat men kom inte
kind-stall = Står still
kind-quarantine = Fil i karantän
kind-flood = Många anmälningar
kind-drift = Registrerat och observerat skiljer sig
kind-regression = Utrullningen gör skada
kind-brake-broken = Ändrat under handbroms
kind-novelty = Loggrad som aldrig setts förr
kind-limit = Nära sin gräns
subject-silence = { $a } säljer inte
subject-drop = { $a } säljer mindre än väntat
subject-surge = { $a } säljer mer än väntat
subject-other = { $a }: { $b }
headline-where = { $a } där { $b }
headline-site = { $a } i { $b }
headline-unexplained = { $a }, ingen känd gemensam nämnare
because-detected = först funnen
because-explanation = skarpare förklaring
because-contact = kontaktläget avgjort
because-extent = omfattningen har ändrats
because-backlog = sena data: verksamheten fortsatte
because-recovered = verksamheten är tillbaka
because-heard = kontakten är tillbaka
because-explained-away = förklaras av en annan avvikelse
because-settled = har varit så en vecka: väntas från nu
symptom-self-scanning = Självskanning
symptom-tills = Kassor
symptom-cards = Kortbetalning
symptom-network = Nätverk eller telefon
symptom-prices = Priser eller kampanjer
symptom-other = Något annat
site = Butik
sites = Butiker
device = Enhet
devices = Enheter
region = Region
customer = Kund
token = Nyckel
finding = Avvikelse
findings = Avvikelser
reports = Anmälningar
commander = Incidentledare
you = du
now = Nu
expected = Väntat
heard = Hörd
unknown = okänt
name = Namn
not-sold = utebliven omsättning
began = Började
what = Vad
n-sites = { $n ->
     [one] { $n } butik
    *[other] { $n } butiker
 }
n-more-incidents = { $n ->
     [one] { $n } incident till, mindre
    *[other] { $n } incidenter till, mindre
 }
n-devices = { $n ->
     [one] { $n } enhet
    *[other] { $n } enheter
 }
n-more = { $n ->
     [one] { $n } till
    *[other] { $n } till
 }
n-hours = { $n ->
     [one] { $n } timme
    *[other] { $n } timmar
 }
n-days = { $n ->
     [one] { $n } dygn
    *[other] { $n } dygn
 }
n-years = { $n ->
     [one] { $n } år
    *[other] { $n } år
 }
n-unregistered = { $n ->
     [one] { $n } oregistrerad
    *[other] { $n } oregistrerade
 }
state-unsure = hörs inte eller säljer inte
state-partly = delvis
kind-undecided = Säljer inte eller hörs inte
report = Anmälan
