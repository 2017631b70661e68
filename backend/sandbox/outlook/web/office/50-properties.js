// Settings that outlive the frame: roaming settings of the person and custom properties
// of the item. Both are changed here and kept by saveAsync.
const roamingLimit = 32 * 1024;
const customLimit = 2500;

function roamingSettings(values) {
  return {
    get: (name) => values[name],
    set: (name, value) => { values[name] = value; },
    remove: (name) => { delete values[name]; },
    saveAsync: later(0, () => {
      if (new Blob([JSON.stringify(values)]).size > roamingLimit) {
        throw failure('GenericSettingsError', 'The roaming settings are larger than 32 KB.');
      }
      return ask('roaming.save', values);
    }),
  };
}

function customProperties(values) {
  return {
    get: (name) => values[name],
    getAll: () => ({ ...values }),
    set: (name, value) => { values[name] = value; },
    remove: (name) => { delete values[name]; },
    saveAsync: later(0, () => {
      if (JSON.stringify(values).length > customLimit) {
        throw failure('GenericSettingsError', 'The custom properties are longer than 2,500 characters.');
      }
      return ask('custom.save', values);
    }),
  };
}

const loadCustomPropertiesAsync = later(0, async () => customProperties(await ask('custom.load')));
