// What every page loads. Each part works on its own and only where the page asks for it.
import "./copy.js";
import "./keys.js";
import "./live.js";
import "./pop.js";
import "./refresh.js";
import "./refused.js";
import "./sync.js";
import "./theme.js";
import "./won.js";
