/** All of Standby's elements in one file. */

import "./badges.js";
import "./availability.js";
import "./waitlist.js";
import "./preorder.js";
import "./alternatives.js";
import "./stores.js";
import "./cart-check.js";
