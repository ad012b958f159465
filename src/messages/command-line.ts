import { messages } from "../language.ts";

/** Errors of a command line; the English texts are commander's. */
export const commandLine = messages({
  en: {
    wholeNumber: "give a whole number, 1 or larger",
    didYouMean: (names: string) => `(Did you mean ${/, /.test(names) ? "one of " : ""}${names}?)`,
    choices: (values: string) => `Allowed choices are ${values}.`,
    errors: {
      missingArgument: (name: string) => `missing required argument '${name}'`,
      optionMissingArgument: (option: string) => `option '${option}' argument missing`,
      unknownOption: (option: string) => `unknown option '${option}'`,
      unknownCommand: (command: string) => `unknown command '${command}'`,
      excessArguments: (command: string, expected: string, got: string) =>
        `too many arguments for '${command}'. Expected ${expected} ${expected === "1" ? "argument" : "arguments"} but got ${got}.`,
      invalidOption: (option: string, value: string, why: string) => `option '${option}' argument '${value}' is invalid. ${why}`,
      invalidArgument: (value: string, name: string, why: string) =>
        `command-argument value '${value}' is invalid for argument '${name}'. ${why}`,
    } as Readonly<Record<CommandLineError, (...found: string[]) => string>>,
  },
  es: {
    wholeNumber: "indique un número entero mayor o igual a 1",
    didYouMean: (names) => `(¿Quiso decir ${names.replace(/, (?=[^,]*$)/, " o ")}?)`,
    choices: (values) => `Los valores admitidos son ${values}.`,
    errors: {
      missingArgument: (name) => `falta el argumento obligatorio «${name}»`,
      optionMissingArgument: (option) => `a la opción «${option}» le falta su valor`,
      unknownOption: (option) => `opción desconocida «${option}»`,
      unknownCommand: (command) => `comando desconocido «${command}»`,
      excessArguments: (command, expected, got) => `sobran argumentos en «${command}»: admite ${expected} y se recibieron ${got}.`,
      invalidOption: (option, value, why) => `el valor «${value}» de la opción «${option}» no es válido. ${why}`,
      invalidArgument: (value, name, why) => `el valor «${value}» del argumento «${name}» no es válido. ${why}`,
    },
  },
});

/** The usage errors that commander reports. */
export type CommandLineError =
  | "missingArgument"
  | "optionMissingArgument"
  | "unknownOption"
  | "unknownCommand"
  | "excessArguments"
  | "invalidOption"
  | "invalidArgument";
