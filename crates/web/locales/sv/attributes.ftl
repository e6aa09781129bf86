# Attributes of devices that are well known, and sorts of devices. A customer's own names stay as they are.

attribute-type = Typ
attribute-vendor = Tillverkare
attribute-os = Operativsystem
attribute-os-version = OS-version
attribute-software = Mjukvara
attribute-version = Version
attribute-rollout = Utrullning
attribute-isp = Nätleverantör
attribute-psp = Betalleverantör
attribute-circuit = Elgrupp
attribute-format = Butiksformat
attribute-install-year = Installationsår
attribute-installed-on = Installerad
attribute-serial = Serienummer
attribute-asset-tag = Inventarienummer
attribute-warranty-until = Garanti till
group-everything = allt
device-self-scanners = Självskanning
device-self-checkouts = Självutcheckning
device-tills = Kassor
device-card-terminals = Kortterminaler
device-servers = Servrar
