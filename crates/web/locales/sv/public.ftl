# Pages that need no login.

log-in = Logga in
password = Lösenord
login-help = Inget konto eller lösenord? En administratör kan skapa en startlänk åt dig.
setup = Välj lösenord
setup-first = Du är först. Det här kontot blir administratör.
setup-for = För kontot { $a }.
setup-dead = Länken är redan använd eller för gammal. Be en administratör om en ny.
setup-do = Spara lösenord
password-rule = Minst 12 tecken. En mening är bra. Inget mer krävs.
known-now = Känt just nu
known-nothing-public = Vi känner inte till något fel i den här butiken.
next-word = Nästa besked kl. { $a }
report-title = Anmäl ett fel
report-what = Vad fungerar inte?
report-text = Mer, om du vill
report-phone = Nummer att ringa tillbaka på, om du vill
report-send = Skicka anmälan
report-privacy = Det du skriver läses av dem som löser felet och raderas när det inte behövs längre.
report-taken = Tack, vi har fått den
report-number = Nummer { $a }, kl. { $b }
report-after = Du behöver inte ringa. Sidan säger mer när vi vet mer.
login-wrong = Inloggning eller lösenord stämmer inte.
login-locked = För många felaktiga lösenord. Vänta några minuter och försök igen.
login-busy = Många loggar in just nu. Försök igen om några sekunder.
setup-address = Inloggningen ska vara en e-postadress, till exempel namn@example.org.
setup-name = Skriv ditt namn, på en rad.
password-short = Minst 12 tecken: tre eller fyra ord utan samband duger bra.
password-long = Det är för långt för ett lösenord.
password-repeats = Lösenordet upprepar sig. Tre eller fyra ord utan samband duger bra.
password-run = Lösenordet är en rad tangenter. Tre eller fyra ord utan samband duger bra.
password-common = Lösenordet är ett av dem som prövas först. Tre eller fyra ord utan samband duger bra.
password-personal = Lösenordet är ditt namn eller din adress med lite till.
report-symptom-missing = Välj vad som inte fungerar.
report-too-long = Det är för långt: högst 1 000 tecken, och 40 för numret.
notice-since = Sedan { $a } ({ $b }).
notice-reports = { $n ->
     [one] En anmälan har kommit in om det.
    *[other] { $n } anmälningar har kommit in om det.
 }
notice-reported = Anmält härifrån: { $a }, kl. { $b }. De som har jour ser det.
notice-self-scanning = Självskanningen fungerar inte här.
notice-tills = Kassorna fungerar inte här.
notice-all = Såvitt vi kan se säljs inget här.
notice-cards = Kortbetalning fungerar inte här.
notice-network = Vi har ingen kontakt med den här butiken.
notice-unsure = Ingen försäljning från den här butiken når oss.
notice-some = En del enheter fungerar inte här.
advice-self-scanning = Hänvisa kunderna till kassorna.
advice-tills = Hänvisa kunderna till självskanningen och de kassor som fungerar. Om inget fungerar: ring servicedesk.
advice-all = Prova en kassa. Går det att sälja där, fortsätt där. Om inget fungerar: ring servicedesk.
advice-cards = Ta betalt på annat sätt där det går. Går det inte alls: ring servicedesk.
advice-network = Fungerar kassorna, fortsätt sälja. Om inget fungerar: se efter att nätverkslådan har ström och ring sedan servicedesk.
advice-some = Använd det som fungerar. Om ni inte kan sälja: ring servicedesk.
report-others = { $n ->
     [one] En butik till har samma problem.
    *[other] { $n } butiker till har samma problem.
 }
