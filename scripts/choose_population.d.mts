export interface Rule {
  /** Shares of success, each with how many policies are wanted near which; `end` ones may go elsewhere. */
  readonly bins: readonly {
    readonly low: number;
    readonly high: number;
    readonly targets: readonly number[];
    readonly end?: boolean;
  }[];
  /** How far inside of its bin a grade has to be. */
  readonly margin: number;
}

/** Names of the policies that the rule takes, by grade; throws where candidates are missing. */
export function choosePopulation(rule: Rule, grades: Readonly<Record<string, number>>): readonly string[];
