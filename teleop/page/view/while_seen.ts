/** Calls `act` at this pace while the element is on the screen and the page is not hidden. */
export function whileSeen(element: Element, every_ms: number, act: () => void): { end(): void } {
  let timer: ReturnType<typeof setInterval> | undefined;
  let seen = false;
  const turn = () => {
    const on = seen && !document.hidden;
    if (on && timer === undefined) {
      timer = setInterval(act, every_ms);
      act();
    } else if (!on) {
      clearInterval(timer);
      timer = undefined;
    }
  };
  const observer = new IntersectionObserver((entries) => {
    seen = entries[entries.length - 1].isIntersecting;
    turn();
  });
  observer.observe(element);
  document.addEventListener('visibilitychange', turn);
  return {
    end: () => {
      observer.disconnect();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', turn);
    },
  };
}
