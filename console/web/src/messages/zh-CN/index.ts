import { account } from "./account";
import { administration } from "./administration";
import { alerts } from "./alerts";
import { audit } from "./audit";
import { board } from "./board";
import { cameras } from "./cameras";
import { desk } from "./desk";
import { evidence } from "./evidence";
import { live } from "./live";
import { liveWall } from "./liveWall";
import { locks } from "./locks";
import { notifiers } from "./notifiers";
import { player } from "./player";
import { redaction } from "./redaction";
import { replay } from "./replay";
import { secondFactor } from "./second-factor";
import { search } from "./search";
import { shell } from "./shell";
import { signOn } from "./sign-on";

/** Every text of the screens in simplified Chinese: the shape that the other languages must have. */
export const zhCN = {
  ...shell,
  ...account,
  ...administration,
  ...secondFactor,
  ...signOn,
  ...audit,
  ...board,
  ...cameras,
  ...alerts,
  ...desk,
  ...notifiers,
  ...live,
  ...liveWall,
  ...replay,
  ...search,
  ...player,
  ...evidence,
  ...locks,
  ...redaction,
};

type Shape<T> = { [Key in keyof T]: T[Key] extends string ? string : Shape<T[Key]> };

/** The shape every language has. */
export type Messages = Shape<typeof zhCN>;
