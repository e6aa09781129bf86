# Overview, incidents, findings.

open-incidents = Öppna incidenter
nothing-wrong = Inget är fel.
overview-empty = Inga butiker är registrerade ännu. Här kommer det att stå vad som säljer, vad som är tyst och vad det kostar.
overview-empty-do = Importera butikerna
heard-from = Hör { $n } av { $m } butiker
turnover-now = Omsättning nu
turnover-unknown = Blir känd när försäljning med belopp har kommit in.
expected-is = väntat { $a }
explains = förklarar { $a } av de drabbade; { $b } av dem med det är drabbade
not-sold-unknown = ännu inte känd
not-sold-not-heard = hörs inte: okänt
activity-back = verksamheten är tillbaka
not-taken = inte tagen
sites-now = Butikerna nu
map-label = Sverigekarta med butikerna efter läge. Listan över butiker säger samma sak i ord.
map-zoom-in = Närmare
map-zoom-out = Längre bort
findings-empty = Inget avviker. När verksamhet stannar eller faller står det här, med sin förklaring.
findings-none-here = Inget avviker här.
reports-empty = Inga anmälningar det senaste dygnet. Personalen anmäler på sidan bakom QR-koden vid kassan.
over-since = över { $a }
chart-actual = Verklig
chart-expected = Väntad
chart-band = Väntat spann
chart-missing = Ej hörd
chart-failed = Diagrammet gick inte att ladda. Tabellen har samma siffror.
chart-label = Omsättning per timme, verklig mot väntad. Samma sak står i tabellen.
as-table = Som tabell
hour = Timme
devices-hit = Drabbade enheter
past-incidents = Tidigare incidenter
no-open-incident = Ingen öppen incident.
incidents-empty = Inget än. Avvikelser som hör ihop öppnar en incident, som finns kvar här när den är över.
lasted = Varade
not-sold-total = Utebliven omsättning totalt
so-far = { $a } hittills
next = Nästa steg
take-command = Ta ledningen
take-command-hint = Du blir incidentledare. Alla ser det direkt.
set-phase = Till: { $a }
reason = Skäl
change-severity = Ändra grad
no-command-role = Här agerar incidentledaren. Du kan läsa med.
what-we-know = Vad vi vet
known-nothing = Ingen avvikelse än. Skriv det du vet som en anteckning.
affected-turnover = De drabbade: verklig mot väntad
affected-sites = Drabbade butiker
export-csv = Exportera CSV
timeline = Tidslinje
write-note = Skriv en anteckning
save-note = Spara anteckning
tl-opened = Incident öppnad, { $a }
tl-found = Avvikelse: { $a }
tl-ended = { $a } är över
tl-reports = { $n ->
     [one] { $n } anmälan kopplad
    *[other] { $n } anmälningar kopplade
 }
tl-severity = Allvarlighetsgrad { $a }: { $b }
tl-phase = Skede: { $a }
tl-command = { $a } tog ledningen
who-erased = raderad person
explanation = Förklaring
no-common-factor = Ingen gemensam nämnare bland de kända
same-as = går inte att skilja från: { $a }
coverage = Täckning
coverage-is = { $a } av de drabbade har detta
purity = Renhet
purity-is = { $a } av dem som har detta är drabbade
runner-up = Näst bäst
behind-by = { $a } efter i bevis
no-runner-up = ingen i närheten
n-candidates = { $n ->
     [one] { $n } kandidat prövad
    *[other] { $n } kandidater prövade
 }
contact = Kontakt
contact-heard = hörs: de säljer inte
contact-undecided = säljer inte eller hörs inte: ännu inte avgjort
contact-lost = hörs inte: försäljningen okänd
contact-counts-only = bedöms bara efter försäljningen
counted = Räknat
counted-is = { $a } köp där { $b } väntades
counted-until = till { $a }
finding-open = pågår
finding-closed = över
to-incident = Till incidenten
interval-90 = mellan { $a } och { $b } med 90 % säkerhet
why-said = Varför Samband säger så
why-group = Bevakas som: { $a }, med { $b } väntade köp i timmen.
why-evidence = Bevis
why-evidence-is = { $a }, krav { $b }
why-evidence-what = Hur mycket bättre ett stopp förklarar siffrorna än slumpen gör (logaritmerad sannolikhetskvot, nats).
how-counted = Så räknas det
turnover-why = De senast mätta minuterna i alla butiker tillsammans, som omsättning per timme. Väntat är vad samma timme i veckan brukar ge, lärt av det som kommit in tidigare. Det som väntas där ingen hörs står intill och är streckat i diagrammet: det är varken sålt eller uteblivet, utan okänt.
why-remaining = Kvarvarande verksamhet
why-remaining-is = { $a } av det väntade passar bäst
why-false = Falsklarm
why-false-is = av en slump en gång på { $a } av bevakning
why-delay = Fördröjning
why-delay-is = funnen { $a } s efter början; bästa möjliga regel behöver högst { $b } s med så få falsklarm
why-late = Sena data
why-late-is = { $a } köp kom in i efterhand
revisions = Revideringar
phase-without-reason = Ingen orsak angiven.
tl-by-consequence = efter vad det kostar nu
tl-detached = { $a } hör inte hit:
text-erased = (raderat)
unit-transactions = köp/tim
at-most = högst { $a }
interval-short = { $a }, 90 %
came-later-share = av det väntade kom senare
came-later-of-it = { $a } kom senare
came-later = verksamheten fortsatte: { $a } av { $b } väntade köp kom senare
not-heard-meanwhile = hördes inte under tiden: okänt
shut-nothing-due = Ingen omsättning väntas nu.
shut-when-open = Stängt nu; ungefär { $a } när det är öppet.
shut-at-most-when-open = Stängt nu; högst { $a } när det är öppet.
first-opens = Den första av dem öppnar { $a }.
lasted-for = varade { $a }
unheard-part = Varav { $a } väntas i { $n ->
     [one] en butik
    *[other] { $n } butiker
 } som inte hörs
chart-unheard = Väntat där ingen hörs
chart-later = Streckat: hördes inte då. Av det kom { $a } av { $b } väntade köp senare.
contact-devices = { $n ->
     [one] { $n } enhet hörs inte
    *[other] { $n } enheter hörs inte
 }
why-cost = Så uppstår beloppet
why-cost-expected = från det drabbade: vad samma timme i veckan brukar ge.
why-cost-unheard = inget hörs, så inget är räknat
why-cost-span = från { $a } till { $b }
why-cost-interval = Så mycket varierar dagar, butiker och slump.
why-cost-sites = Hela dessa butiker
why-cost-sites-are = { $a } där { $b } väntas
why-cost-moved = Ungefär { $a } har flyttat till det som fungerar i butikerna.
