/** What every page carries: the styles, and a few small kindnesses that pages also work without. */
import "./styles/index.css";
import { chooseTheme } from "./site/appearance";
import { whenQuiet } from "./site/charts";
import { closeOnEscape } from "./site/confirm";
import { copyOnce } from "./site/copy";
import { sendOnce } from "./site/forms";
import { tellOfPasskeys } from "./site/passkeys";
import { focusOnlyWhatScrolls } from "./site/scroll";
import { localTimes } from "./site/times";
import { sendOneByOne } from "./site/uploads";

chooseTheme(document);
sendOneByOne(document);
sendOnce(document);
closeOnEscape(document);
copyOnce(document);
localTimes(document);
tellOfPasskeys(document);
focusOnlyWhatScrolls(document);
whenQuiet(document);
