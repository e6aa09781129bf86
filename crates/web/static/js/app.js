// Starts what every page has: live fragments, current times, saving forms, sortable tables, the palette, the demo bar.
// Every page works without any of it; this only makes it faster.
import { startLive } from "./live.js";
import { startTimes } from "./times.js";
import { startForms } from "./forms.js";
import { startTables } from "./tables.js";
import { startPalette } from "./palette.js";
import { startDemo } from "./demo.js";

startTimes();
startTables();
startForms();
startPalette();
startDemo();
startLive();
