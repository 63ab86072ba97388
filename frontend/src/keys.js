/** Keys that work anywhere on the page, except where somebody types or a control has a use for them itself. */
export function listen(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const action = actions[event.key];
    if (!action || usesItself(event.target, event.key)) return;
    event.preventDefault();
    action();
  });
}

function usesItself(element, key) {
  if (!(element instanceof Element)) return false;
  if (element.matches("textarea, select, audio")) return true;
  if (element.matches("input[type=range]")) return key.startsWith("Arrow");
  return key === " " && element.matches("button, input, summary, a");
}
