# Tokens, import, users.

tokens = Nycklar
import = Import
users = Användare
token-made = Nyckel skapad för { $a }
token-once = Kopiera den nu. Den sparas bara som hash och visas inte igen.
first-signal = Den första signalen
first-signal-do = Klistra in detta i en terminal. Butiken syns som hörd inom en sekund.
tokens-empty = Inga nycklar. Varje avsändare av signaler har sin egen, bunden till en kund.
id = Id
made = Skapad
used = Senast använd
revoke = Återkalla
revoke-what = Det som sänder med den avvisas från det ögonblicket. Det går inte att ångra.
revoke-do = Återkalla nu
user-change = Ändra
role-change = Byt roll
setup-link-ends = Det gamla lösenordet och alla sessioner upphör.
user-disable = Ta bort inloggningen
user-disable-what = Personen är ute på en gång. Vad den har gjort står kvar i journalen.
revoked-at = återkallad { $a }
token-new = Ny nyckel
token-for = Vad som sänder med den
token-for-example = Kassaexport, kedjeserver
token-create = Skapa nyckel
import-done = Klart: { $a } och { $b } är registrerade.
dry-run = Provkörning: inget har ändrats
would-add = Skulle läggas till
would-change = Skulle ändras
already-so = Redan så
dry-run-good = Alla rader går att läsa. Genomför när siffrorna är som du väntar.
import-do = Genomför importen
import-wrong = { $n ->
     [one] Ett fel
    *[other] { $n } fel
 } på { $m ->
     [one] en rad.
    *[other] { $m } rader.
 }
import-wrong-many = { $n } fel.
import-wrong-do = Inget kan importeras förrän allt är rättat.
file = Fil
line = Rad
field = Fält
why = Varför
import-what = Allt eller inget, och provkörning först. Varje kolumn utöver de nedan blir en egenskap som förklaringar kan peka ut.
dry-run-do = Provkör
setup-link-for = Startlänk för { $a }
setup-link-what = Lämna den personligen eller på en säker väg. Den fungerar en gång, till { $a }.
setup-link-new = Ny startlänk
login-name = Användarnamn
seen = Senast sedd
not-set-up = har inte valt lösenord
user-new = Ny användare
user-create = Skapa användare och startlänk
api-title = REST
api-what = Varje adress, ur dokumentet som program läser. Det som skickas härifrån skickas som du.
api-in-english = Beskrivningarna är på engelska.
api-no-script = Listan kräver JavaScript; själva dokumentet gör det inte.
