/** The page of one's devices: lets this browser be told what happens while no page is open. */
import { offer } from "./site/push";

void offer(document);
