import { address } from "./address";
import { Calls } from "./connection";
import type {
  ConfigurationState,
  ConfigurationVersion,
  ConfigurationVersions,
  ConfiguredPart,
  ConfiguredPlace,
  ReferenceList,
  VersionDifference,
} from "./facts";
import type { Outcome } from "./outcome";

function configuration(hall: string | null, ...names: readonly (string | null)[]): string {
  const owner = hall === null ? ["site"] : ["halls", hall];
  const path = [...owner, ...names.filter((name) => name !== null)].map(encodeURIComponent);
  return address(`/configuration/${path.join("/")}`);
}

/** The configuration, piece by piece and in its versions. */
export class ConfigurationCalls extends Calls {
  /** What stands in a collection of a hall's configuration, or of the site's for null: a list, or one whole. */
  read<Value>(hall: string | null, collection: string): Promise<Outcome<ConfiguredPart<Value>>> {
    return this.connection.json("GET", configuration(hall, collection));
  }

  /** Enter or change one of a list, or a whole for null, upon the configuration of this ETag; 412 says that it changed meanwhile. */
  put<Value extends object>(place: ConfiguredPlace, value: Value, etag: string): Promise<Outcome<ConfiguredPart<Value>>> {
    return this.connection.json("PUT", configuration(place.hall, place.collection, place.id), value, false, { match: etag });
  }

  remove(place: ConfiguredPlace, etag: string): Promise<Outcome<undefined>> {
    return this.connection.nothing("DELETE", configuration(place.hall, place.collection, place.id), undefined, { match: etag });
  }

  /** What stands in the way of removing one of a list of a hall. */
  references(place: ConfiguredPlace): Promise<Outcome<ReferenceList>> {
    return this.connection.json("GET", configuration(place.hall, place.collection, place.id, "references"));
  }

  /** Which version of the configuration is in force, and who put it there. */
  state(): Promise<Outcome<ConfigurationState>> {
    return this.connection.json("GET", address("/configuration"));
  }

  /** Versions of the configuration, the newest first; those before `before`. */
  versions(before?: number): Promise<Outcome<ConfigurationVersions>> {
    return this.connection.json("GET", address("/configuration/versions", { before: before?.toString() }));
  }

  /** What a version changed, or what restoring it would change now. */
  version(version: number, against: VersionDifference["against"]): Promise<Outcome<VersionDifference>> {
    return this.connection.json("GET", address(`/configuration/versions/${version}`, { against }));
  }

  /** Put an earlier version in force again, unless the configuration is another by now than that of the ETag. */
  restore(version: number, etag: string): Promise<Outcome<ConfigurationVersion>> {
    return this.connection.json("POST", address(`/configuration/versions/${version}/restore`), undefined, false, { match: etag });
  }
}
