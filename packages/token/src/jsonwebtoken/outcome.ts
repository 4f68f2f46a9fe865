/** The two calling styles of jsonwebtoken: throwing, and calling back. */

/** Gives a failure as the first argument or a value as the second. */
export type Callback<Value> = (error: Error | null, value?: Value) => void;

/** Calls back with what `work` returns or throws. What the callback itself throws is not caught. */
export function callBack<Value>(work: () => Value, callback: Callback<Value>): void {
  let value: Value;
  try {
    value = work();
  } catch (error) {
    callback(error as Error);
    return;
  }
  callback(null, value);
}
