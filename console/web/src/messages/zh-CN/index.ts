import { account } from "./account";
import { administration } from "./administration";
import { alerts } from "./alerts";
import { audit } from "./audit";
import { board } from "./board";
import { cameras } from "./cameras";
import { configuration } from "./configuration";
import { desk } from "./desk";
import { evidence } from "./evidence";
import { fields } from "./fields";
import { guide } from "./guide";
import { live } from "./live";
import { liveWall } from "./liveWall";
import { members } from "./members";
import { locks } from "./locks";
import { notifiers } from "./notifiers";
import { places } from "./places";
import { player } from "./player";
import { redaction } from "./redaction";
import { references } from "./references";
import { replay } from "./replay";
import { secondFactor } from "./second-factor";
import { roster } from "./roster";
import { rules } from "./rules";
import { search } from "./search";
import { shell } from "./shell";
import { signOn } from "./sign-on";
import { storage } from "./storage";
import { system } from "./system";
import { versions } from "./versions";

/** Every text of the screens in simplified Chinese: the shape that the other languages must have. */
export const zhCN = {
  ...shell,
  ...account,
  ...administration,
  ...fields,
  ...versions,
  ...secondFactor,
  ...signOn,
  ...system,
  ...storage,
  ...guide,
  ...audit,
  ...board,
  ...cameras,
  ...configuration,
  ...alerts,
  ...desk,
  ...notifiers,
  ...members,
  ...live,
  ...liveWall,
  ...references,
  ...replay,
  ...roster,
  ...rules,
  ...search,
  ...places,
  ...player,
  ...evidence,
  ...locks,
  ...redaction,
};

type Shape<T> = { [Key in keyof T]: T[Key] extends string ? string : Shape<T[Key]> };

/** The shape every language has. */
export type Messages = Shape<typeof zhCN>;
